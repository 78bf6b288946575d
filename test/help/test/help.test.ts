import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}
/** All commands of ours but those of contracts/tool, which hand everything to forge. */
const commands = Object.entries(scripts).filter(([, script]) => /^node (demo|examples|test)\//.test(script))

/** Runs a script of package.json, and stops it if it has begun to work. */
async function run(script: string, argument: string) {
  const [file = ''] = script.split(' ').slice(1)
  const child = spawn(process.execPath, [file, argument], { cwd: root, timeout: 45_000 })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, stdout, stderr }
}

test('finds the commands', () => {
  expect(commands.map(([name]) => name)).toEqual(expect.arrayContaining(['demo', 'shop', 'test:deep', 'canary']))
})

describe.concurrent('every command', () => {
  test.each(commands)('npm run %s tells its usage', async (name, script) => {
    const { code, stdout, stderr } = await run(script, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(name === 'start' ? 'Usage: npm start' : `Usage: npm run ${name} `)
  })

  test.each(commands)('npm run %s names an option that it does not know', async (_, script) => {
    const { code, stdout, stderr } = await run(script, '--bogus')
    expect([1, 2]).toContain(code)
    expect(stdout).toBe('')
    expect(stderr).toMatch("Unknown option '--bogus'")
    expect(stderr).not.toMatch(/^ +at /m)
  })
})
