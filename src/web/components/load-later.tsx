/**
 * A part of a page that is loaded when it is shown. Pages themselves are React.lazy, which keeps the page before on the screen
 * (on-demand.ts); inside of a page React would hold what it suspended back for 300 ms, also when it was there long before.
 * https://react.dev/reference/react/Suspense
 */
import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

export interface LoadedLater<Props> {
  (props: Props): ReactNode;
  /** Begins to load it before it is shown. Whoever shows it is told of a failure. */
  readonly prepare: () => void;
}

/** @param placeholder what stands there meanwhile. A part that cannot be loaded is a crash: crash-boundary.tsx tells it. */
export function loadLater<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  placeholder: ReactNode = null,
): LoadedLater<Props> {
  let loaded: ComponentType<Props> | undefined;
  const start = async (): Promise<void> => {
    loaded ??= await load();
  };
  function Later(props: Props): ReactNode {
    const [, setOutcome] = useState(loaded !== undefined);
    useEffect(() => {
      let isShown = true;
      const tell = (outcome: () => boolean) => isShown && setOutcome(outcome);
      start().then(
        () => tell(() => true),
        (error: unknown) =>
          tell(() => {
            throw error;
          }),
      );
      return () => {
        isShown = false;
      };
    }, []);
    const Loaded = loaded;
    return Loaded ? <Loaded {...props} /> : placeholder;
  }
  return Object.assign(Later, { prepare: () => void start().catch(() => undefined) });
}
