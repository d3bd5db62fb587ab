/**
 * A part of a page that is loaded when it is shown. Pages themselves are React.lazy, which keeps the page before on the screen
 * (on-demand.ts); inside of a page React would hold what it suspended back for 300 ms, also when it was there long before.
 * https://react.dev/reference/react/Suspense
 */
import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { loadPart } from '../load-part.ts';
import { PartFailure } from './part-failure.tsx';

export interface LoadedLater<Props> {
  (props: Props): ReactNode;
  /** Begins to load it before it is shown. Whoever shows it is told of a failure. */
  readonly prepare: () => void;
}

/** @param placeholder what stands there meanwhile. A part that cannot be loaded says so in its place: what is typed beside it stays. */
export function loadLater<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  placeholder: ReactNode = null,
): LoadedLater<Props> {
  let loaded: ComponentType<Props> | undefined;
  const start = async (): Promise<void> => {
    loaded ??= await loadPart(load);
  };
  function Later(props: Props): ReactNode {
    const [outcome, setOutcome] = useState<'loading' | 'loaded' | 'failed'>('loading');
    useEffect(() => {
      let isShown = true;
      start().then(
        () => isShown && setOutcome('loaded'),
        () => isShown && setOutcome('failed'),
      );
      return () => {
        isShown = false;
      };
    }, []);
    const Loaded = loaded;
    if (Loaded) return <Loaded {...props} />;
    return outcome === 'failed' ? <PartFailure /> : placeholder;
  }
  return Object.assign(Later, { prepare: () => void start().catch(() => undefined) });
}
