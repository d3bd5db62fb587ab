/** Calls that come close together: the first is made at once, those that follow become one when the interval is over. */
export interface AtIntervals extends Disposable {
  readonly call: () => void;
}

export function atIntervals(interval: number, work: () => void): AtIntervals {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  const run = (): void => {
    isWanted = false;
    work();
    timer = setTimeout(() => {
      timer = undefined;
      if (isWanted) run();
    }, interval);
  };
  return {
    call() {
      if (timer === undefined) run();
      else isWanted = true;
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
