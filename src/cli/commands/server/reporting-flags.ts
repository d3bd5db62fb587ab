/** The flags of what a hub keeps of what happens, and of whom it tells. Their meaning is in the hub's reporting-config.ts. */
import { string } from '../../flags.ts';

export const reportingFlags = {
  'audit-keep': string(
    'How long entries of the audit log stay, as in 90d, or none for ever (default "365d")',
  ),
};
