import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{sdk,indexer,keeper,devnet,demo,examples}/test/**/*.test.ts',
            'test/{bench,crossing,deep,help,mutation,proofs}/**/*.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          // The whole of Mati on its own ports: one file at a time, on two cores.
          name: 'scenarios',
          include: ['test/scenarios/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          // Local chains and LayerZero only; whoever attests, commits and executes is the drill itself.
          name: 'drills',
          include: ['test/drills/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
})
