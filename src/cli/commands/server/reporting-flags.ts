/** The flags of what a hub keeps of what happens, and of whom it tells. Their meaning is in the hub's reporting-config.ts. */
import { list, string } from '../../flags.ts';

export const reportingFlags = {
  'audit-keep': string(
    'How long entries of the audit log stay, as in 90d, or none for ever (default "365d")',
  ),
  'webhook-allow': list('Private address or network that webhooks may lead to, as in 10.0.0.0/8'),
};
