// What replaces what in an outbox: news that a newer message of its kind makes worthless. Everything else,
// above all grants and resignations, is written or its stream ends (PROTOCOL.md, outboxes).
import type { ReplyBody, RequestBody } from './wire.ts';

const REQUESTS: ReadonlySet<RequestBody['kind']> = new Set(['heartbeat', 'coordinator', 'store']);
const REPLIES: ReadonlySet<ReplyBody['kind']> = new Set(['heard', 'store']);

/** What a newer request to an elector replaces; a relayed report only that of its own runner. */
export function requestKind(body: RequestBody): string | undefined {
  if (body.kind === 'relayed-report') return `${body.kind} ${body.runner}`;
  return REQUESTS.has(body.kind) ? body.kind : undefined;
}

/** What a newer reply to an elector replaces; a relayed assignment only that of its own runner. */
export function replyKind(body: ReplyBody): string | undefined {
  if (body.kind === 'relayed-assignment') return `${body.kind} ${body.runner}`;
  return REPLIES.has(body.kind) ? body.kind : undefined;
}

/** What a newer message to a runner replaces. */
export function attachmentKind(message: 'welcome' | 'assignment' | 'heard'): string | undefined {
  return message === 'welcome' ? undefined : message;
}
