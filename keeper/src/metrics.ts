/** The keeper's numbers, in Prometheus' text format (version 0.0.4). */
export type Labels = Readonly<Record<string, string | number>>

type Kind = 'counter' | 'gauge'
type Family = { kind: Kind; help: string; samples: Map<string, number> }

export type Metrics = {
  /** Adds to a counter. */
  add(name: MetricName, labels: Labels, value?: number): void
  /** Sets a gauge. */
  set(name: MetricName, labels: Labels, value: number): void
  render(): string
}

const FAMILIES = {
  keeper_actions_total: { kind: 'counter', help: 'Actions run, by job and how they ended.' },
  keeper_action_seconds_total: { kind: 'counter', help: 'Time spent running actions, by job.' },
  keeper_plans_total: { kind: 'counter', help: 'Plans made, by job and whether that worked.' },
  keeper_plan_timestamp_seconds: { kind: 'gauge', help: 'When a job last made a plan, Unix time.' },
  keeper_transactions_total: { kind: 'counter', help: 'Transactions that ended, by chain and how.' },
  keeper_gas_used_total: { kind: 'counter', help: 'Gas used by mined and reverted transactions, by chain.' },
  keeper_pending_transactions: { kind: 'gauge', help: 'Transactions whose end is not known yet, by chain.' },
  keeper_signer_balance_ether: { kind: 'gauge', help: 'Native coin of the signer, by chain.' },
  keeper_alarms: { kind: 'gauge', help: 'Alarms that are raised, by kind.' },
  keeper_looks_total: { kind: 'counter', help: 'Looks for reasons of alarm, by subject and whether that worked.' },
  keeper_open_messages: { kind: 'gauge', help: 'Messages of which something is to be done that anyone may do.' },
  keeper_mati_supply: { kind: 'gauge', help: 'Mati there is, by chain.' },
  keeper_mati_in_flight: { kind: 'gauge', help: 'Mati sent and not yet received, by pathway.' },
} as const satisfies Record<string, { kind: Kind; help: string }>

export type MetricName = keyof typeof FAMILIES

export function createMetrics(): Metrics {
  const families = new Map<MetricName, Family>(
    Object.entries(FAMILIES).map(([name, family]) => [name as MetricName, { ...family, samples: new Map() }]),
  )
  const samplesOf = (name: MetricName) => families.get(name)?.samples ?? new Map<string, number>()

  return {
    add(name, labels, value = 1) {
      const samples = samplesOf(name)
      const key = renderLabels(labels)
      samples.set(key, (samples.get(key) ?? 0) + value)
    },
    set: (name, labels, value) => void samplesOf(name).set(renderLabels(labels), value),
    render() {
      const lines = [...families].flatMap(([name, { kind, help, samples }]) => [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${kind}`,
        ...[...samples].map(([labels, value]) => `${name}${labels} ${value}`),
      ])
      return `${lines.join('\n')}\n`
    },
  }
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escape(value: string): string {
  return value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`)
}
