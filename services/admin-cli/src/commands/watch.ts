// `koi-admin watch`: the cluster as it is, for as long as it is looked at. On a terminal a view that
// fills the window, else a line for each change. Told by the electors, never polled.
import {
  type WatchClusterResponse,
  WatchClusterResponseSchema,
} from '@koi/gen/koi/admin/v1/admin_service_pb';
import { EXIT, type ExitCode } from '../failure.ts';
import { printNext, printPage, remark } from '../print.ts';
import { line } from '../render/page.ts';
import type { Session } from '../session.ts';
import { type Sighting, stay } from '../stay.ts';
import { WatchNews } from '../watch-news.ts';

/** Shows it until `q`, Ctrl-C or SIGTERM. */
export async function watch(session: Session): Promise<ExitCode> {
  const { terminal, options } = session;
  const stop = new AbortController();
  const release = terminal.onInterrupt(() => stop.abort());
  const sightings = stay(session, {
    open: (client, call) => client.watchCluster({}, call),
    led: ({ cluster }) => cluster !== undefined && cluster.leader !== '',
    signal: stop.signal,
  });
  try {
    if (options.output === 'json') await watchJson(session, sightings);
    else if (terminal.screen === undefined) await watchLines(session, sightings);
    else {
      // Loaded here: nobody else needs it.
      const { watchScreen } = await import('../watch-screen.ts');
      await watchScreen(session, terminal.screen, sightings, stop);
    }
  } finally {
    release();
  }
  return EXIT.DONE;
}

type Sightings = AsyncIterable<Sighting<WatchClusterResponse>>;

async function watchJson(session: Session, sightings: Sightings): Promise<void> {
  const news = new WatchNews();
  for await (const sighting of sightings) {
    const sentences = news.take(sighting);
    if (sighting.kind === 'message') {
      printNext(session, WatchClusterResponseSchema, sighting.message, () => []);
    } else for (const text of sentences) remark(session, [line(`koi-admin: ${text}`)]);
  }
}

async function watchLines(session: Session, sightings: Sightings): Promise<void> {
  const news = new WatchNews();
  for await (const sighting of sightings) {
    const time = new Date(session.terminal.wall()).toISOString().slice(11, 19);
    printPage(
      session,
      news.take(sighting).map((text) => line(`${time} ${text}`)),
    );
  }
}
