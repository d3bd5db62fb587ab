import { expect, test } from 'bun:test';
import { parseNetworks } from './stats.ts';

test('interfaces are counted without the loopback', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
  eth0:    1806      21    1    2    0     0          0         0      866      11    3    4    0     0       0          0
`;
  expect(parseNetworks(text)).toEqual({
    eth0: {
      rx_bytes: 1806,
      rx_packets: 21,
      rx_errors: 1,
      rx_dropped: 2,
      tx_bytes: 866,
      tx_packets: 11,
      tx_errors: 3,
      tx_dropped: 4,
    },
  });
});
