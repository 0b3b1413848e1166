// The command that shows a run again, for whoever has to look into it.
import type { Excerpt } from './excerpt.ts';

/** What to type to see a run with its trace. */
export function replayCommand(seed: number, { only, without, stormLasts }: Excerpt = {}): string {
  const parts = ['npm run sim -- --seed', seed];
  if (only !== undefined) parts.push(`--only ${only.length > 0 ? only.join(',') : "''"}`);
  if (without !== undefined && without.length > 0) parts.push(`--without ${without.join(',')}`);
  if (stormLasts !== undefined) parts.push(`--storm ${stormLasts}`);
  return [...parts, '--trace'].join(' ');
}
