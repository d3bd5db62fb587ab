/** What everybody may know of who is signed in. */
import { useTranslation } from 'react-i18next';
import type { User } from '../../hub-api/types.ts';
import { useUpdateUser } from '../hub/mutations.ts';
import { ProfileForm } from './profile-form.tsx';

export function AccountProfile({ user }: { readonly user: User }) {
  const { t } = useTranslation();
  const update = useUpdateUser();
  return <ProfileForm profile={user} nameLabel={t('profile.fullName')} update={update} />;
}
