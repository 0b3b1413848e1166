// The one place where answers are printed: as text for people, wide or not, or as proto3 JSON.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { writeJson, writeJsonLine } from './render/json.ts';
import { type Page, writePage } from './render/page.ts';
import { painter } from './render/paint.ts';
import type { Session } from './session.ts';

/** How a message looks to people; `wide`: with all its columns. */
export type Draw = (wide: boolean) => Page;

/** Prints a response: the message itself as JSON, or what it looks like. */
export function print<Schema extends DescMessage>(
  session: Session,
  schema: Schema,
  message: MessageShape<Schema>,
  draw: Draw,
): void {
  if (session.options.output === 'json') session.terminal.out(writeJson(schema, message));
  else printPage(session, draw(session.options.output === 'wide'));
}

/** Prints one message of many: as one line of JSON, or what it looks like. */
export function printNext<Schema extends DescMessage>(
  session: Session,
  schema: Schema,
  message: MessageShape<Schema>,
  draw: Draw,
): void {
  if (session.options.output === 'json') session.terminal.out(writeJsonLine(schema, message));
  else printPage(session, draw(session.options.output === 'wide'));
}

/** Prints to people. */
export function printPage({ terminal }: Session, page: Page): void {
  terminal.out(writePage(page, painter(terminal.colour)));
}

/** Says something beside the answer: on standard error, so that programs do not read it. */
export function remark({ terminal }: Session, page: Page): void {
  terminal.err(writePage(page, painter(false)));
}
