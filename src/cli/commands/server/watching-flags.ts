/** The flags of who watches a hub. Their meaning is in the hub's watching-config.ts. */
import { string } from '../../flags.ts';

export const watchingFlags = {
  'metrics-listen': string('Address of the metrics, instead of /metrics of the hub'),
  'slow-query': string('Log statements of the database that take as long, or "none" (default "1s")'),
  otlp: string('Address of an OpenTelemetry collector that takes traces, as in http://127.0.0.1:4318'),
};
