// The log that every service script of a test cluster writes: one line before a script does anything,
// one when all is done, and one by the harness when a host has died. All hosts share the machine's
// clock here, so lines of different hosts compare.
import type { Instant } from '@koi/lib/time';

/** One line: a script's begin or end, or a host's death. */
export type LogLine =
  | {
      readonly kind: 'begin';
      readonly at: Instant;
      readonly host: string;
      readonly service: string;
      readonly action: string;
      /** KOI_EPOCH as the script found it; 0: none. */
      readonly epoch: number;
    }
  | {
      readonly kind: 'end';
      readonly at: Instant;
      readonly host: string;
      readonly service: string;
      readonly action: string;
      /** The script's exit code. */
      readonly code: number;
    }
  | { readonly kind: 'killed'; readonly at: Instant; readonly host: string };

/** Reads a whole log, in the order of the clock. A line that is none of ours is an error. */
export function readPromotionLog(text: string): readonly LogLine[] {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map(readLine);
  // Two scripts' lines may be appended in another order than their clocks were read.
  return lines.toSorted((one, other) => one.at - other.at);
}

function readLine(line: string): LogLine {
  const [nanoseconds = '', host = '', service = '', action = '', edge = '', number = ''] =
    line.split(' ');
  // Microseconds fit into a number, nanoseconds since 1970 do not.
  const at = Number(BigInt(nanoseconds) / 1_000n) / 1_000;
  if (edge === 'begin') return { kind: 'begin', at, host, service, action, epoch: Number(number) };
  if (edge === 'end') return { kind: 'end', at, host, service, action, code: Number(number) };
  if (action === 'killed') return { kind: 'killed', at, host };
  throw new Error(`the promotion log has a line that is none: "${line}"`);
}

/** The line that says that nothing of a host is left. */
export function killedLine(host: string, at: Instant): string {
  // A death may be told late, never early.
  return `${BigInt(Math.ceil(at)) * 1_000_000n} ${host} - killed\n`;
}
