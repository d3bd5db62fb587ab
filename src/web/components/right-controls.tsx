/** Which right somebody has on a repository: chosen anew, or taken away. */
import { Button, Group, NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../hub-api/types.ts';
import { usePermissionChoices } from './permissions.ts';

interface RightControlsProps {
  /** Whose right it is, or on what. */
  readonly name: string;
  readonly label: string;
  readonly permission: Permission;
  readonly isPending: boolean;
  /** Undefined takes it away. */
  readonly give: (permission: Permission | undefined) => void;
}

export function RightControls({ name, label, permission, isPending, give }: RightControlsProps) {
  const { t } = useTranslation();
  const choices = usePermissionChoices();
  return (
    <Group gap="xs" wrap="nowrap" flex="none">
      <NativeSelect
        size="xs"
        aria-label={label}
        data={choices}
        disabled={isPending}
        value={permission}
        onChange={(event) => give(event.currentTarget.value as Permission)}
      />
      <Button
        size="xs"
        variant="default"
        loading={isPending}
        aria-label={t('people.removeThis', { name })}
        onClick={() => give(undefined)}
      >
        {t('people.remove')}
      </Button>
    </Group>
  );
}
