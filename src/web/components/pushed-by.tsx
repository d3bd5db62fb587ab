/** `3 minutes ago by alice`, in the order of the language. */
import { Anchor } from '@mantine/core';
import { Trans } from 'react-i18next';
import { Link } from 'react-router';
import type { Tag } from '../../hub-api/types.ts';
import { accountPath } from '../routes.ts';
import { RelativeTime } from './relative-time.tsx';

export function PushedBy({ tag }: { readonly tag: Pick<Tag, 'last_updated' | 'last_updater_username'> }) {
  const who = tag.last_updater_username;
  if (!who) return <RelativeTime time={tag.last_updated} />;
  return (
    <span>
      <Trans
        i18nKey="repository.pushedBy"
        components={{
          time: <RelativeTime time={tag.last_updated} />,
          who: (
            <Anchor component={Link} to={accountPath(who)} inherit underline="always">
              {who}
            </Anchor>
          ),
        }}
      />
    </span>
  );
}
