import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MatiError } from '@mati/sdk'

/**
 * Takes a folder for this process alone. A lock that a dead process left behind is taken over.
 * @returns what gives it back
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'keeper.pid')
  const owner = readOwner(file)
  // Its own id means that the process before it had the same one, as in a container that restarts.
  if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
    throw new MatiError(`Process ${owner} already keeps its database in ${folder}`, {
      code: 'DATA_DIR_IN_USE',
      action: 'Stop that keeper, set KEEPER_DATA_DIR to another folder, or share a PostgreSQL through DATABASE_URL.',
    })
  }
  writeFileSync(file, String(process.pid))
  return () => rmSync(file, { force: true })
}

function readOwner(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
