// Reads a manual page of docs/man as far as tests need it: sections and the items of their lists.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An item of a list. */
export interface MdocItem {
  /** Its section, `COMMANDS`. */
  readonly section: string;
  /** Its subsection, or empty. */
  readonly subsection: string;
  /** The words of its line after `.It`. */
  readonly head: readonly string[];
  /** What is said of it: the following lines with the macros in them. */
  readonly body: string;
}

/** A page. */
export interface MdocPage {
  readonly file: string;
  readonly text: string;
  readonly sections: readonly string[];
  readonly items: readonly MdocItem[];
}

/** Where a page is: `koi-admin.1`. */
export function pageFile(name: string): string {
  return fileURLToPath(new URL(`../../docs/man/${name}`, import.meta.url));
}

/** Reads a page. */
export function readPage(name: string): MdocPage {
  const file = pageFile(name);
  const text = readFileSync(file, 'utf8');
  const sections: string[] = [];
  const items: { section: string; subsection: string; head: string[]; body: string }[] = [];
  let subsection = '';
  let open = false;
  for (const line of text.split('\n')) {
    const [macro = '', ...words] = line.split(' ');
    if (macro === '.Sh' || macro === '.Ss') {
      open = false;
      subsection = macro === '.Ss' ? words.join(' ') : '';
      if (macro === '.Sh') sections.push(words.join(' '));
    } else if (macro === '.El') {
      open = false;
    } else if (macro === '.It') {
      open = true;
      items.push({ section: sections.at(-1) ?? '', subsection, head: words, body: '' });
    } else if (open) {
      const last = items.at(-1);
      if (last !== undefined) last.body += `${line}\n`;
    }
  }
  return { file, text, sections, items };
}

/** The items of a section. */
export function itemsOf({ items }: MdocPage, section: string): readonly MdocItem[] {
  return items.filter((item) => item.section === section);
}

/** The words of a line that follow a macro, up to the next one: `Fl o , Fl -output` gives both. */
export function wordsAfter(head: readonly string[], macro: string): readonly string[] {
  const found: string[] = [];
  let current = '';
  for (const word of head) {
    if (/^[A-Z][a-z]$/.test(word)) current = word;
    else if (current === macro && /^[\w./-]/.test(word)) found.push(word);
  }
  return found;
}
