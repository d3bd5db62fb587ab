/** What a repository is about: a few of the hub's categories. */
import { Button, MultiSelect, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Repository } from '../../hub-api/types.ts';
import { useCategories, useSetCategories } from '../hub/repository-settings.ts';
import { useCategoryName } from './category-name.ts';
import { FailureAlert } from './failure.tsx';

/** The hub's rule. */
const most = 3;

export function RepositoryCategories({ repository }: { readonly repository: Repository }) {
  const { t } = useTranslation();
  const nameOf = useCategoryName();
  const all = useCategories();
  const set = useSetCategories(repository);
  const [chosen, setChosen] = useState(repository.categories.map(({ slug }) => slug));
  const known = all.data ?? repository.categories;
  const data = known.map((category) => ({ value: category.slug, label: nameOf(category) }));
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('repositoryCategories.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('repositoryCategories.lead', { count: most })}
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          set.mutate(chosen, { onSuccess: () => notifications.show({ message: t('common.saved') }) });
        }}
      >
        <Stack gap="md">
          <MultiSelect
            aria-label={t('repositoryCategories.title')}
            data={data}
            searchable
            clearable
            maxValues={most}
            value={chosen}
            onChange={setChosen}
          />
          <FailureAlert error={set.error ?? all.error} />
          <Button type="submit" variant="default" loading={set.isPending} style={{ alignSelf: 'flex-start' }}>
            {t('common.save')}
          </Button>
        </Stack>
      </form>
    </section>
  );
}
