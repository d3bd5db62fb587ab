/** What the engine does on request, told to whoever counts and times it. */

/** Docker's words. */
export const containerActions = ['changes', 'commit', 'create', 'delete', 'start'] as const;
export const imageActions = ['delete', 'pull', 'push'] as const;
type ContainerAction = (typeof containerActions)[number];
type ImageAction = (typeof imageActions)[number];

export interface EngineWatch {
  container<T>(action: ContainerAction, work: () => Promise<T>): Promise<T>;
  image<T>(action: ImageAction, work: () => Promise<T>): Promise<T>;
  /** @param signal aborted by who wants no image any more. */
  build<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** Of an engine whose metrics nobody reads. */
export const unwatched: EngineWatch = {
  container: (_action, work) => work(),
  image: (_action, work) => work(),
  build: (_signal, work) => work(),
};
