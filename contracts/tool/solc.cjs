#!/usr/bin/env node
// The compiler as forge wants it: an executable that speaks `--version` and `--standard-json`, over npm's solc.
// Set FOUNDRY_SOLC to the path of a native solc of the same version to put it in this one's place.
const { existsSync, readFileSync } = require('node:fs')
const path = require('node:path')

const args = process.argv.slice(2)
const values = (flag) => args.flatMap((arg, i) => (arg === flag && args[i + 1] !== undefined ? [args[i + 1]] : []))
const solc = require('solc')

if (args.includes('--version')) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`)
} else if (args.includes('--standard-json')) {
  const roots = [...values('--base-path'), ...values('--include-path'), process.cwd()]
  const readImport = (file) => {
    const found = [file, ...roots.map((root) => path.join(root, file))].find((candidate) => existsSync(candidate))
    return found ? { contents: readFileSync(found, 'utf8') } : { error: `File not found: ${file}` }
  }
  process.stdout.write(solc.compile(readFileSync(0, 'utf8'), { import: readImport }))
} else {
  console.error(`solc.cjs answers --version and --standard-json only, not: ${args.join(' ')}`)
  process.exit(1)
}
