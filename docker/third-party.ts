import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** Licences under which something may be in what we give away. */
const LICENCES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense']

const TEXT = /^(licen[cs]e|copying|notice)/i
const RULE = '-'.repeat(80)

/** The folders, from the root, of the packages of others of which something came into a bundle. */
export function packagesOf({ outputs }: Metafile): string[] {
  const used = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
  )
  const folders = used.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
  return [...new Set(folders)]
}

/**
 * Name, version and licence of each, with the text as it came. Throws for a package under a licence that is not known to allow
 * what we do with it.
 */
export async function readNotices(root: string, folders: readonly string[]): Promise<string> {
  const notices = await Promise.all(folders.map((folder) => readNotice(join(root, folder))))
  return notices.toSorted().join(`\n${RULE}\n\n`)
}

async function readNotice(folder: string): Promise<string> {
  const { name, version, license, homepage } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  if (!LICENCES.includes(license)) throw new Error(`${name} ${version} is under ${license}: may it be given away?`)
  const files = (await readdir(folder)).filter((file) => TEXT.test(file) && !/\.(js|ts)$/.test(file)).toSorted()
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const title = `${name} ${version} (${license})${homepage ? ` ${homepage}` : ''}`
  return [title, ...texts].map((text) => `${text.trim()}\n`).join('\n')
}
