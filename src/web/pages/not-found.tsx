/** An address that is no page. The server answered it with status 404. */
import { NotFound } from '../components/failure.tsx';

export function NotFoundPage() {
  return <NotFound />;
}
