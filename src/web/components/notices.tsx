/** Short messages in a corner, after something was done. On its own so that it is loaded after the page. */
import { Notifications } from '@mantine/notifications';

export function Notices() {
  return <Notifications position="bottom-right" />;
}
