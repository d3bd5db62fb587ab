/** Where the streams of events are: for a browser's EventSource, which takes an address and not a client. */
export function liveAddress(namespace: string, name: string): string {
  return `/v2/repositories/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}/live`;
}

export const ownLiveAddress = '/v2/user/live';
