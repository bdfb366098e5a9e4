import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

const ARCHITECTURES: Partial<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'armhf',
  ppc64: 'ppc64el',
  s390x: 's390x',
}
const ARCHITECTURE = ARCHITECTURES[process.arch] ?? process.arch

/** What node itself is linked against, and the tools that nsctl runs. */
const DEPENDS = [
  ...['libc6 (>= 2.28)', 'libgcc-s1', 'libstdc++6'],
  ...['iproute2', 'iptables', 'conntrack', 'procps', 'util-linux', 'mount', 'findutils', 'grep'],
]

/** As in package.json. */
interface Release {
  version: string
  /** A summary, and behind a colon the rest. */
  description: string
  homepage: string
}

interface Contents {
  /** Path of the single executable. */
  executable: string
  /** The completion script for a shell. */
  completions(shell: string): Buffer
}

export function makeDebianPackage(release: Release, contents: Contents, output: string): void {
  const { executable, completions } = contents
  const root = mkdtempSync(join(tmpdir(), 'nsctl-deb-'))
  chmodSync(root, 0o755)
  const put = (path: string, content: string | Buffer, mode = 0o644): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 })
    writeFileSync(join(root, path), content, { mode })
    chmodSync(join(root, path), mode)
  }
  const doc = 'usr/share/doc/nsctl'
  try {
    put('usr/lib/nsctl/bin/nsctl', readFileSync(executable), 0o755)
    mkdirSync(join(root, 'usr/bin'))
    symlinkSync('../lib/nsctl/bin/nsctl', join(root, 'usr/bin/nsctl'))
    copyNativeModules(join(root, 'usr/lib/nsctl/node_modules'))
    put('usr/share/man/man1/nsctl.1.gz', packed('dist/man/nsctl.1'))
    put('usr/share/man/man5/nsctl-topology.5.gz', packed('dist/man/nsctl-topology.5'))
    put('usr/share/bash-completion/completions/nsctl', completions('bash'))
    put('usr/share/zsh/vendor-completions/_nsctl', completions('zsh'))
    put('usr/share/fish/vendor_completions.d/nsctl.fish', completions('fish'))
    put(`${doc}/copyright`, copyright())
    put(`${doc}/changelog.gz`, packed('CHANGELOG.md'))
    for (const path of ['README.md', 'SECURITY.md', 'docs', 'examples', 'schemas']) {
      cpSync(path, join(root, doc, path), { recursive: true })
    }
    for (const unit of readdirSync('packaging/systemd')) {
      const text = readFileSync(join('packaging/systemd', unit), 'utf8')
      put(`usr/lib/systemd/system/${unit}`, text.replaceAll('/usr/local/bin/nsctl', '/usr/bin/nsctl'))
    }
    const files = filesIn(root)
    put('DEBIAN/md5sums', files.map(path => `${md5(path)}  ${relative(root, path)}\n`).join(''))
    const size = files.reduce((sum, path) => sum + Math.ceil(statSync(path).size / 1024), 0)
    put('DEBIAN/control', control(release, size))
    execFileSync('chmod', ['-R', 'u=rwX,go=rX', root])
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z3', '--build', root, output], {
      stdio: 'pipe',
    })
  } finally {
    rmSync(root, { recursive: true })
  }
}

function control({ version, description, homepage }: Release, size: number): string {
  const [summary = '', rest = ''] = description.split(/: (.*)/s)
  return `Package: nsctl
Version: ${version}
Architecture: ${ARCHITECTURE}
Maintainer: the nsctl authors <nsctl@localhost>
Installed-Size: ${size}
Depends: ${DEPENDS.join(', ')}
Recommends: nftables
Section: net
Priority: optional
Homepage: ${homepage}
Description: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}
 ${rest.charAt(0).toUpperCase()}${rest.slice(1)}
`
}

/** koffi, by which the kernel is asked without processes in between; without it nsctl does all the same. */
function copyNativeModules(target: string): void {
  const native = `@koromix/koffi-linux-${process.arch}`
  if (![native, 'koffi'].every(name => existsSync(`node_modules/${name}`))) return
  const needed = (path: string) => statSync(path).isDirectory() || /\.(c?js|json|node|txt)$/.test(path)
  for (const name of [native, 'koffi']) {
    cpSync(`node_modules/${name}`, join(target, name), { recursive: true, filter: needed })
  }
}

function copyright(): string {
  const indented = (text: string) =>
    text
      .trim()
      .split('\n')
      .map(line => (line.trim() === '' ? ' .' : ` ${line}`))
      .join('\n')
  const license = readFileSync('LICENSE', 'utf8')
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: nsctl
Comment: The executable holds Node.js, under its own licence (MIT and others), and these packages:
${indented(readFileSync('dist/LICENSES', 'utf8'))}

Files: *
Copyright: ${/^Copyright (?:\(c\) )?(.*)$/m.exec(license)?.[1] ?? 'the nsctl authors'}
License: Expat
${indented(license)}
`
}

/** Without name and time, so that the same content gives the same file. */
function packed(path: string): Buffer {
  return gzipSync(readFileSync(path), { level: 9 })
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

function md5(path: string): string {
  return createHash('md5').update(readFileSync(path)).digest('hex')
}

export function debianName(version: string): string {
  return `nsctl_${version}_${ARCHITECTURE}.deb`
}
