import { describe, expect, it } from 'vitest'
import { tokens } from '../../../src/firewall/codec/tokens.ts'
import { isComplete, parseSave } from '../../../src/kernel/read/iptables-save.ts'
import { fixture } from './fixture.ts'

describe('parseSave', () => {
  it.each(['docker', 'kube', 'firewalld', 'nasty', 'newline'])(
    'reads %s the same from both variants',
    name => {
      expect(parseSave(fixture(`${name}.nft.save`))).toEqual(parseSave(fixture(`${name}.legacy.save`)))
    },
  )

  it('keeps tables, policies, and rules without chain and counters', () => {
    const tables = parseSave(fixture('docker.nft.save')).sort((a, b) => (a.name < b.name ? -1 : 1))
    expect(tables.map(({ name }) => name)).toEqual(['filter', 'nat'])
    const chains = tables[0]?.chains ?? []
    expect(chains.map(({ name, policy }) => [name, policy])).toEqual([
      ['INPUT', 'ACCEPT'],
      ['FORWARD', 'DROP'],
      ['OUTPUT', 'ACCEPT'],
      ['DOCKER', null],
      ['DOCKER-ISOLATION-STAGE-1', null],
      ['DOCKER-ISOLATION-STAGE-2', null],
      ['DOCKER-USER', null],
    ])
    expect(chains[1]?.rules).toEqual([
      '-j DOCKER-USER',
      '-j DOCKER-ISOLATION-STAGE-1',
      '-o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-o docker0 -j DOCKER',
      '-i docker0 ! -o docker0 -j ACCEPT',
    ])
  })

  it('takes no comment for anything else', () => {
    const [filter, ...others] = parseSave(fixture('nasty.nft.save'))
    expect(others).toEqual([])
    expect(filter?.chains.map(({ name, rules }) => [name, rules.length])).toEqual([
      ['INPUT', 11],
      ['FORWARD', 1],
      ['OUTPUT', 0],
      ['NSCTL-web-FWD', 0],
    ])
    expect(filter?.chains[0]?.rules.slice(0, 7).map(rule => tokens(rule)[3]?.value)).toEqual([
      'it\'s "so" \\ called; $(id) `id`',
      '-A FORWARD -j DROP',
      'COMMIT',
      '*nat',
      ':INPUT DROP [0:0]',
      '',
      '  two  blanks\tand a tab ',
    ])
    expect(filter?.chains[0]?.rules[10]).toBe('')
  })

  it('takes a comment with newlines for one rule', () => {
    const [filter, ...others] = parseSave(fixture('newline.nft.save'))
    expect(others).toEqual([])
    expect(filter?.chains.map(({ rules }) => rules.length)).toEqual([2, 0, 0])
    expect(tokens(filter?.chains[0]?.rules[0] ?? '')[3]?.value).toBe('x "\n-A FORWARD -j DROP\nCOMMIT\n')
  })

  it('passes over what is no rule', () => {
    const text = [
      '# Warning: iptables-legacy tables present, use iptables-legacy-save to see them',
      "# Table `nat' is incompatible, use 'nft' tool.",
      '*filter',
      ':INPUT ACCEPT [12:3456]',
      '# a "comment',
      '-A INPUT -i lo -j ACCEPT',
      '-A NOWHERE -j ACCEPT',
      'COMMIT',
      '',
    ].join('\n')
    expect(parseSave(text)).toEqual([
      { name: 'filter', chains: [{ name: 'INPUT', policy: 'ACCEPT', rules: ['-i lo -j ACCEPT'] }] },
    ])
    expect(parseSave('')).toEqual([])
  })

  it('does not lose the rest of a table to a quote without an end', () => {
    const text = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "x\n-A INPUT -j DROP\nCOMMIT\n'
    expect(parseSave(text)[0]?.chains[0]?.rules).toEqual(['-m comment --comment "x', '-j DROP'])
  })
})

describe('isComplete', () => {
  it.each(['docker', 'kube', 'nasty'])('sees wherever within a table %s was cut off', name => {
    const text = fixture(`${name}.nft.save`)
    expect(isComplete(text)).toBe(true)
    for (let table = text.indexOf('\n*'); table >= 0; table = text.indexOf('\n*', table + 1)) {
      const commit = text.indexOf('\nCOMMIT\n# Completed', table)
      if (commit < 0) continue
      for (let end = table + 2; end < commit; end++) expect(isComplete(text.slice(0, end))).toBe(false)
    }
  })

  it('holds for no output at all, and whatever a comment says', () => {
    expect(isComplete(fixture('newline.nft.save'))).toBe(true)
    expect(isComplete('')).toBe(true)
  })
})
