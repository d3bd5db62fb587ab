/** Pages that keep up by themselves: what the hub tells makes stale what is shown. Without a stream they ask now and then. */
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { liveAddress, ownLiveAddress } from '../../hub-api/live-address.ts';
import type { LiveProgress, LivePush } from '../../hub-api/types.ts';
import { atIntervals } from './at-intervals.ts';
import { followStream } from './event-stream.ts';
import { useSession } from './queries.ts';

export interface LiveState {
  /** Undefined while nothing arrives. */
  readonly progress: LiveProgress | undefined;
  /** The latest tag that was pushed while the page was open. */
  readonly pushed: LivePush | undefined;
}

/** In milliseconds: many pushes at once are read about once in this time. */
const refreshInterval = 500;
const kinds = ['changed', 'pushed', 'progress'];
const nothing: LiveState = { progress: undefined, pushed: undefined };

/** Follows a repository that is shown; another session may see other things. */
export function useLiveRepository(namespace: string, name: string, isThere: boolean): LiveState {
  const cache = useQueryClient();
  const session = useSession();
  const reader = session.data?.username;
  const [state, setState] = useState(nothing);
  useEffect(() => {
    if (!isThere) return undefined;
    const refresh = atIntervals(
      refreshInterval,
      () => void cache.invalidateQueries({ predicate: ({ queryKey }) => isOf(queryKey) }),
    );
    const isOf = ([noun, ...place]: QueryKey): boolean =>
      repositoryNouns.has(noun) && place[0] === namespace && place[1] === name;
    const stream = followStream(liveAddress(namespace, name), kinds, {
      missed() {
        setState(nothing);
        refresh.call();
      },
      event(kind, data) {
        if (kind === 'progress') {
          const progress = data as LiveProgress;
          const isOver = progress.arriving.length === 0 && progress.blobs === 0;
          setState((before) => ({ ...before, progress: isOver ? undefined : progress }));
        } else if (kind === 'pushed') setState({ progress: undefined, pushed: data as LivePush });
        else refresh.call();
      },
    });
    return () => {
      stream[Symbol.dispose]();
      refresh[Symbol.dispose]();
      setState(nothing);
    };
  }, [cache, namespace, name, isThere, reader]);
  return state;
}

/** Follows what the reader does and what happens in their namespace, where lists of it are shown. */
export function useLiveAccount(isSignedIn: boolean): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (!isSignedIn) return undefined;
    const refresh = atIntervals(
      refreshInterval,
      () => void cache.invalidateQueries({ predicate: ({ queryKey }) => listNouns.has(queryKey[0]) }),
    );
    const stream = followStream(ownLiveAddress, kinds, { missed: refresh.call, event: refresh.call });
    return () => {
      stream[Symbol.dispose]();
      refresh[Symbol.dispose]();
    };
  }, [cache, isSignedIn]);
}

const repositoryNouns: ReadonlySet<unknown> = new Set(['repository', 'tags', 'tag', 'activity', 'pulls']);
const listNouns: ReadonlySet<unknown> = new Set(['repositories', 'own-activity', 'storage']);
