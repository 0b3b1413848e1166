// Makes text from elsewhere harmless: a script's output or a name must not drive the terminal that
// shows it.

// Control characters (C0, DEL, C1), line separators, and what turns or hides the text around it.
const HARMFUL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with such characters spelled out: `\n`, `\x1b`, `\u202e`. */
export function neutral(text: string): string {
  return text.replace(HARMFUL, (character) => SHORT[character] ?? spell(character));
}

/** JSON with such characters escaped as JSON allows; it means the same. */
export function neutralJson(json: string): string {
  return json.replace(HARMFUL, (character) =>
    character === '\n' ? character : `\\u${hex(character, 4)}`,
  );
}

function spell(character: string): string {
  return character.charCodeAt(0) < 0x100 ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}
