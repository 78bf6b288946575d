import { DeployError } from '@mati/contracts/script/error'
import { ToolError } from '@mati/contracts/tool/forge'
import { DevnetError } from '@mati/devnet'
import { MatiError } from '@mati/sdk'

/** An error as people want it: what happened, and what to do. */
export function explain(error: unknown): string {
  if (error instanceof MatiError) {
    return `Error: ${error.message}${/[.!?]$/.test(error.message) ? '' : '.'}\n${error.action}`
  }
  const saysWhatToDo = error instanceof DevnetError || error instanceof DeployError || error instanceof ToolError
  if (saysWhatToDo) return `Error: ${error.message}`
  return error instanceof Error ? `Error: ${error.stack ?? error.message}` : `Error: ${String(error)}`
}
