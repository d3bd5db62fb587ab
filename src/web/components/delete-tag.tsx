/** Deletes a tag, after asking. */
import { ActionIcon, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Repository } from '../../hub-api/types.ts';
import { useDeleteTag } from '../hub/mutations.ts';
import { FailureAlert } from './failure.tsx';
import { familiarName } from './repository-list.tsx';

export function DeleteTag({ repository, tag }: { readonly repository: Repository; readonly tag: string }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  const remove = useDeleteTag(repository);
  const confirm = () =>
    remove.mutate(tag, {
      onSuccess: () => {
        close();
        notifications.show({ message: t('tags.deleted', { tag }) });
      },
    });
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={t('tags.delete', { tag })} onClick={open}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
      <Modal opened={opened} onClose={close} title={t('tags.deleteTitle', { tag })} centered>
        <Stack gap="md">
          <Text size="sm">
            {t('tags.deleteText', {
              reference: `${familiarName(repository.namespace, repository.name)}:${tag}`,
            })}
          </Text>
          <FailureAlert error={remove.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button color="red" loading={remove.isPending} onClick={confirm}>
              {t('tags.deleteConfirm')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
