// The small files that runner and deadman tell each other by: read as they are now, and written so that
// nobody ever sees half of one. Not synced: they say nothing about another life of the host.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What stands in a file; undefined where there is none. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces a file. */
export function writeText(path: string, text: string): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}
