/** When something was, told from now; the exact time is in the title. Keeps up while the page is open. */
import { useEffect, useState } from 'react';
import { useFormat } from '../text/format.ts';

const refreshInterval = 30_000;

export function RelativeTime({ time }: { readonly time: string }) {
  const format = useFormat();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), refreshInterval);
    return () => clearInterval(timer);
  }, []);
  const date = new Date(time);
  // A refetch may bring a time after the last tick.
  const reference = date > now ? new Date() : now;
  return (
    <time dateTime={time} title={format.exact(date)}>
      {format.relative(date, reference)}
    </time>
  );
}
