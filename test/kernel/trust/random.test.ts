import { describe, expect, test } from 'vitest'
import { tellChain } from './random-chain.ts'

/** A few of many: `npm run test:soak` goes on with other seeds. */
const SEEDS = [1, 2, 3, 4]

describe('a random topology: applied, edited twice, destroyed', () => {
  test.each(SEEDS)('seed %i: each second plan is empty, and the host is given back', async seed => {
    expect(await tellChain(seed)).toMatchObject({ failure: null })
  })
})

describe('a random topology, nsctl killed at a random command of each', () => {
  test.each(SEEDS.slice(0, 2))(
    'seed %i: the next apply converges, and the host is given back',
    async seed => {
      const chain = await tellChain(seed, { kills: true })
      expect(chain).toMatchObject({ failure: null })
      expect(chain.hits).toBeGreaterThan(0)
    },
  )
})
