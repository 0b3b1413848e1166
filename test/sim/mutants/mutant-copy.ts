// A scratch copy of the repository's sources outside of it, in which a mutant is made, checked and run.
// The installed packages are linked, but for our own: those would lead back to what is not changed.
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit } from './mutant.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What the simulator and the checker of types need. */
const COPIED = [
  'gen',
  'lib',
  'services',
  'test',
  'package.json',
  'tsconfig.json',
  'tsconfig.base.json',
];

/** Our own packages, by the folder that each is. */
const OWN: Readonly<Record<string, string>> = {
  gen: 'gen',
  lib: 'lib',
  elector: 'services/elector',
  runner: 'services/runner',
  'admin-cli': 'services/admin-cli',
};

const copies = new Set<MutantCopy>();

/** However this process ends, nothing is left behind. */
function removeAll(): void {
  for (const copy of copies) copy.remove();
}

export class MutantCopy {
  readonly path: string;
  /** Files that differ from the repository's, as they are there. */
  readonly #originals = new Map<string, string>();

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<MutantCopy> {
    const copy = new MutantCopy(await mkdtemp(join(tmpdir(), 'koi-mutant-')));
    if (copies.size === 0) process.once('exit', removeAll);
    copies.add(copy);
    await copy.#fill();
    return copy;
  }

  async #fill(): Promise<void> {
    const { path } = this;
    const filter = (source: string) =>
      !/(^|\/)(node_modules|dist)(\/|$)/.test(relative(ROOT, source));
    for (const name of COPIED) {
      await cp(join(ROOT, name), join(path, name), { recursive: true, filter });
    }
    const packages = join(path, 'node_modules');
    await mkdir(join(packages, '@koi'), { recursive: true });
    for (const name of await readdir(join(ROOT, 'node_modules'))) {
      if (name !== '@koi') await symlink(join(ROOT, 'node_modules', name), join(packages, name));
    }
    for (const [name, folder] of Object.entries(OWN)) {
      await symlink(join(path, folder), join(packages, '@koi', name));
    }
  }

  /** Applies edits to the unchanged sources. Returns what is wrong with them; undefined: nothing. */
  async apply(edits: readonly Edit[]): Promise<string | undefined> {
    await this.restore();
    for (const { file, text, instead } of edits) {
      const path = join(this.path, file);
      const source = await readFile(path, 'utf8');
      const found = source.split(text).length - 1;
      if (found !== 1) return `${file} says this ${found} times: ${text.trim()}`;
      if (!this.#originals.has(path)) this.#originals.set(path, source);
      await writeFile(
        path,
        source.replace(text, () => instead),
      );
    }
    return undefined;
  }

  async restore(): Promise<void> {
    for (const [path, source] of this.#originals) await writeFile(path, source);
    this.#originals.clear();
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
