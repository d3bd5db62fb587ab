/** Deletes tags, after asking; what could not be deleted is told with its reason. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeletedTags, Repository } from '../../hub-api/types.ts';
import { useDeleteTags } from '../hub/mutations.ts';
import { useFormat } from '../text/format.ts';
import { FailureAlert } from './failure.tsx';
import { familiarName } from './repository-list.tsx';

interface DeleteTagsProps {
  readonly repository: Repository;
  readonly tags: readonly string[];
  readonly close: () => void;
  readonly onDeleted: (deleted: readonly string[]) => void;
}

/** Of so many and more the name is typed. */
const manyTags = 10;
const shown = 10;

export function DeleteTags({ repository, tags, close, onDeleted }: DeleteTagsProps) {
  const { t } = useTranslation();
  const remove = useDeleteTags(repository);
  const { data } = remove;
  const count = (data?.refused ?? tags).length;
  const [only = ''] = tags;
  const title = count === 1 ? t('tags.deleteTitle', { tag: only }) : t('tags.deleteManyTitle', { count });
  const toldOf = ([first = '', ...more]: readonly string[]) =>
    more.length === 0 ? t('tags.deleted', { tag: first }) : t('tags.deletedMany', { count: more.length + 1 });
  return (
    <Modal opened onClose={close} centered title={data ? t('tags.refusedTitle', { count }) : title}>
      {data ? (
        <Refused refused={data.refused} close={close} />
      ) : (
        <Ask
          repository={repository}
          tags={tags}
          close={close}
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() =>
            remove.mutate(tags, {
              onSuccess({ deleted, refused }) {
                if (deleted.length > 0) notifications.show({ message: toldOf(deleted) });
                onDeleted(deleted);
                if (refused.length === 0) close();
              },
            })
          }
        />
      )}
    </Modal>
  );
}

interface AskProps extends Omit<DeleteTagsProps, 'onDeleted'> {
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly onConfirm: () => void;
}

function Ask({ repository, tags, close, isPending, error, onConfirm }: AskProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const reference = familiarName(repository.namespace, repository.name);
  const needsName = tags.length >= manyTags;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">
          {tags.length === 1
            ? t('tags.deleteText', { reference: `${reference}:${tags[0] ?? ''}` })
            : t('tags.deleteManyText', { reference })}
        </Text>
        {tags.length > 1 && <Names names={tags} />}
        {needsName && (
          <TextInput
            label={t('confirm.type', { name: reference })}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <FailureAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" color="red" loading={isPending} disabled={needsName && typed !== reference}>
            {tags.length === 1
              ? t('tags.deleteConfirm')
              : t('tags.deleteManyConfirm', { count: tags.length })}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Names({ names }: { readonly names: readonly string[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const more = names.length - shown;
  return (
    <Text size="sm" className="mono" style={{ overflowWrap: 'anywhere' }}>
      <bdi>{names.slice(0, shown).join(', ')}</bdi>
      {more > 0 && ` ${t('tags.more', { count: more, formatted: format.number(more) })}`}
    </Text>
  );
}

function Refused({
  refused,
  close,
}: {
  readonly refused: DeletedTags['refused'];
  readonly close: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      {(['immutable', 'missing'] as const).map((reason) => {
        const names = refused.filter((each) => each.reason === reason).map(({ name }) => name);
        if (names.length === 0) return null;
        return (
          <div key={reason}>
            <Text size="sm" mb={4}>
              {t(`tags.refused.${reason}`)}
            </Text>
            <Names names={names} />
          </div>
        );
      })}
      <Group justify="flex-end">
        <Button onClick={close} data-autofocus>
          {t('common.close')}
        </Button>
      </Group>
    </Stack>
  );
}
