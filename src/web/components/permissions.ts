/** The rights that one can be given on a repository, in the reader's words. */
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../hub-api/types.ts';

const permissions: readonly Permission[] = ['read', 'write', 'admin'];

export function usePermissionChoices(): { value: Permission; label: string }[] {
  const { t } = useTranslation();
  return permissions.map((value) => ({ value, label: t(`permissions.${value}`) }));
}
