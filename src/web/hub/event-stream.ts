/**
 * A stream of server-sent events that is kept up: lost, it is opened again, later each time; in a tab that nobody looks at it is
 * closed, because a browser has few connections to one hub. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export interface StreamListener {
  /** Something may have been missed: the stream was opened anew, or it was lost. */
  readonly missed: () => void;
  /** @param data JSON, as the hub sent it. */
  readonly event: (kind: string, data: unknown) => void;
}

const firstWait = 1000;
const longestWait = 60_000;

/** Follows the address until disposed. */
export function followStream(
  address: string,
  kinds: readonly string[],
  { missed, event }: StreamListener,
): Disposable {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let wasOpen = false;

  const close = (): void => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    close();
    if (document.visibilityState === 'hidden') return;
    source = new EventSource(address);
    source.addEventListener('open', () => {
      failures = 0;
      if (wasOpen) missed();
      wasOpen = true;
    });
    source.addEventListener('error', () => {
      close();
      // Asking again tells whether it was the connection, or the right to see it. A stream that never was is only done without.
      if (wasOpen && failures === 0) missed();
      timer = setTimeout(open, waitAfter(failures));
      failures += 1;
    });
    for (const kind of kinds) {
      source.addEventListener(kind, ({ data }: MessageEvent<string>) => event(kind, JSON.parse(data)));
    }
  };

  document.addEventListener('visibilitychange', open);
  window.addEventListener('online', open);
  open();
  return {
    [Symbol.dispose]() {
      document.removeEventListener('visibilitychange', open);
      window.removeEventListener('online', open);
      close();
    },
  };
}

/** Twice as long each time; not all pages at the same moment when a hub comes back. */
function waitAfter(failures: number): number {
  return Math.min(firstWait * 2 ** failures, longestWait) * (0.75 + Math.random() / 2);
}
