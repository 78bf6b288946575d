/** An examination for people: each check of each chain and of each end, and what to do about what is wrong. Pure. */
import type { Examination } from './examine.ts'
import { chainChecks, endChecks, type Finding } from './finding.ts'

/** @param name How a chain is called, by its id. */
export function reportLines(
  { chains, pathways, unseen, findings }: Examination,
  name: (chainId: number) => string,
): string[] {
  const section = (title: string, checks: Readonly<Record<string, string>>, of: readonly Finding[]) => [
    title,
    ...Object.entries(checks).flatMap(([check, meaning]) => {
      const wrong = of.filter((finding) => finding.check === check)
      return [`  ${wrong.length === 0 ? '✓' : '✗'} ${check.padEnd(13)} ${meaning}`, ...wrong.flatMap(detail)]
    }),
    '',
  ]
  const ofChains = chains.flatMap((chain) =>
    section(
      `Chain ${name(chain)}`,
      chainChecks,
      findings.filter((finding) => finding.pathway === null && finding.chain === chain),
    ),
  )
  const ofEnds = pathways.flatMap((pathway) => {
    const [a = 0, b = 0] = pathway.split('-').map(Number)
    if (unseen.includes(pathway)) {
      return [`Pathway ${name(a)} – ${name(b)}`, '  not looked at: see what is wrong with its chains', '']
    }
    return [a, b].flatMap((chain) =>
      section(
        `Pathway ${name(a)} – ${name(b)}, at ${name(chain)}`,
        endChecks,
        findings.filter((finding) => finding.pathway === pathway && finding.chain === chain),
      ),
    )
  })
  return [...ofChains, ...ofEnds, summary(chains.length, pathways.length, findings)]
}

function detail({ severity, found, expected, mend }: Finding): string[] {
  return [
    ...(severity === 'warning' ? ['      only a warning:'] : []),
    `      found     ${found}`,
    `      expected  ${expected}`,
    `      mend      ${mend}`,
  ]
}

function summary(chains: number, pathways: number, findings: readonly Finding[]): string {
  const looked = `${chains} chains and both ends of ${pathways} pathway${pathways === 1 ? '' : 's'}`
  if (findings.length === 0) return `Healthy: ${looked} are as declared.`
  return `${findings.length} finding${findings.length === 1 ? '' : 's'} on ${looked}.`
}
