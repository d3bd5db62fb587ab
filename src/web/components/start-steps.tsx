/** The way from nothing to an image on the hub, in four steps. */
import { Anchor, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { User } from '../../hub-api/types.ts';
import { patterns } from '../routes.ts';
import { Command } from './command.tsx';

export function StartSteps({ user }: { readonly user: User | undefined }) {
  const { t } = useTranslation();
  const image = `${user?.username ?? t('start.username')}/${t('start.name')}`;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('home.startTitle')}
      </Title>
      <ol className="steps">
        <li>
          {user ? (
            <Text inherit c="dimmed" td="line-through">
              {t('home.stepAccount')}
            </Text>
          ) : (
            <Anchor component={Link} to={patterns.signUp} inherit>
              {t('home.stepAccount')}
            </Anchor>
          )}
        </li>
        <li>
          <Anchor component={Link} to={patterns.createRepository} inherit>
            {t('home.stepRepository')}
          </Anchor>
        </li>
        <li>
          {t('home.stepLogin')}
          <Command text="cais login" label={t('home.stepLogin')} />
        </li>
        <li>
          {t('home.stepPush')}
          <Command text={`cais push ${image}`} label={t('home.stepPush')} />
        </li>
      </ol>
    </section>
  );
}
