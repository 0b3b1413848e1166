// The live view that fills the window. The window's lines are kept, and only those that have changed
// are written; whatever ends it, the terminal is left as it was found.
import type { WatchClusterResponse } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { type Line, writeLine } from './render/page.ts';
import { painter } from './render/paint.ts';
import { type WatchView, watchLines } from './render/watch-page.ts';
import type { Session } from './session.ts';
import type { Sighting } from './stay.ts';
import type { Screen } from './terminal.ts';
import { WatchNews } from './watch-news.ts';

/** The other page of the terminal, without cursor and without wrapping. */
const OPEN = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const CLOSE = '\u001b[?7h\u001b[?25h\u001b[?1049l';

/** How many sentences are kept for the window's lower part. */
const NEWS_MAX = 100;

const [CTRL_C, CTRL_L] = ['\u0003', '\u000c'];

/** Shows the sightings until they end; `q` and Ctrl-C end them. */
export async function watchScreen(
  session: Session,
  screen: Screen,
  sightings: AsyncIterable<Sighting<WatchClusterResponse>>,
  stop: AbortController,
): Promise<void> {
  const { terminal } = session;
  const picture = new Picture(screen, terminal.colour);
  const news = new WatchNews();
  let view: WatchView = { cluster: undefined, elector: '', trouble: 'asking', news: [] };
  const draw = () => picture.draw(watchLines(view, screen.size()));
  const unlisten = screen.listen({
    key(key) {
      if (key === 'q' || key === CTRL_C) stop.abort();
      else if (key === CTRL_L) redraw();
    },
    resized: redraw,
  });
  function redraw(): void {
    picture.forget();
    draw();
  }
  screen.write(OPEN);
  try {
    draw();
    for await (const sighting of sightings) {
      const time = new Date(terminal.wall()).toISOString().slice(11, 19);
      const told = news.take(sighting);
      const latest = [...view.news, ...told.map((text) => ({ time, text }))].slice(-NEWS_MAX);
      view =
        sighting.kind === 'message'
          ? { ...sighting.message, trouble: '', news: latest }
          : { ...view, trouble: told.join(', '), news: latest };
      draw();
    }
  } finally {
    screen.write(CLOSE);
    unlisten();
  }
}

/** What the window shows. */
class Picture {
  readonly #screen: Screen;
  readonly #colour: boolean;
  #shown: readonly string[] = [];

  constructor(screen: Screen, colour: boolean) {
    this.#screen = screen;
    this.#colour = colour;
  }

  /** Takes nothing for granted any more: the window was resized or written over. */
  forget(): void {
    this.#shown = [];
    this.#screen.write('\u001b[2J');
  }

  /** Makes the window show these lines. */
  draw(lines: readonly Line[]): void {
    const paint = painter(this.#colour);
    const wanted = lines.map((spans) => writeLine(spans, paint));
    let text = '';
    for (let row = 0; row < Math.max(wanted.length, this.#shown.length); row += 1) {
      const content = wanted[row] ?? '';
      if (content !== (this.#shown[row] ?? '')) text += `\u001b[${row + 1};1H${content}\u001b[K`;
    }
    this.#shown = wanted;
    if (text !== '') this.#screen.write(text);
  }
}
