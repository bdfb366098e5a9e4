import { describe, expect, test } from 'vitest'
import { parseRule } from '../../../src/firewall/codec/rule.ts'
import { isExact, selectorOf } from '../../../src/firewall/codec/selector.ts'

describe('selectorOf', () => {
  test('reads every port of a list', () => {
    expect(of('-p tcp -m multiport --dports 8000,6000:6010').ports).toEqual({
      is: [
        { first: 8000, last: 8000 },
        { first: 6000, last: 6010 },
      ],
    })
  })

  test('reads ranges that are open on a side', () => {
    expect(of('-p tcp -m tcp --dport 1024:').ports).toEqual({ is: [{ first: 1024, last: 65535 }] })
    expect(of('-p tcp -m tcp --dport :80').ports).toEqual({ is: [{ first: 0, last: 80 }] })
  })

  test('tells what packets must not have from what they must have', () => {
    const selector = of('! -s 10.0.0.0/8 ! -d 127.0.0.0/8 ! -i eth0 -o eth1 ! -p udp -m tcp ! --dport 6000')
    expect(selector).toMatchObject({
      source: { not: '10.0.0.0/8' },
      destination: { not: '127.0.0.0/8' },
      in: { not: 'eth0' },
      out: { is: 'eth1' },
      protocol: { not: 'udp' },
      ports: { not: [{ first: 6000, last: 6000 }] },
    })
    expect(isExact(selector)).toBe(false)
  })

  test('takes no port out of a comment', () => {
    const { ports, unread } = of('-p tcp -m comment --comment "--dport 6000" -m tcp --dport 22')
    expect(ports).toEqual({ is: [{ first: 22, last: 22 }] })
    expect(unread).toEqual([])
  })

  test.each([
    ['an option', '-p tcp -m tcp --tcp-flags SYN,RST SYN', ['--tcp-flags SYN,RST SYN']],
    ['a module', '-m set --match-set vips dst', ['-m set', '--match-set vips dst']],
    ['a second condition of a sort', '-m tcp --dport 80 -m multiport --dports 80,81', ['--dports 80,81']],
    ['a port by its name', '-p tcp -m tcp --dport http', ['--dport http']],
    ['an option of another module', '-m ipvs --dport 80', ['-m ipvs', '--dport 80']],
  ])('names %s that it does not say', (_, text, unread) => {
    const selector = of(text)
    expect(selector.unread.map(option => option.text)).toEqual(unread)
    expect(isExact(selector)).toBe(false)
    expect(isExact(selector, () => true)).toBe(true)
  })
})

function of(text: string) {
  return selectorOf(parseRule(text))
}
