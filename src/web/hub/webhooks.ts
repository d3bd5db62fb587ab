/** Webhooks for the pages: what is read and what is changed. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { WebhookPlace } from '../../hub-api/webhooks-client.ts';
import type { PutWebhookRequest, UpdateWebhookRequest, WebhookDelivery } from '../../hub-api/types.ts';
import { useHub } from './hub.tsx';

/** While something is about to be sent, and otherwise. */
const watchingInterval = 1000;
const followingInterval = 15_000;

export function useWebhooks(place: WebhookPlace) {
  const { webhooks } = useHub();
  return useQuery({
    queryKey: keyOf(place),
    queryFn: () => webhooks.list(place),
    // The hub itself switches off what does not answer.
    refetchInterval: followingInterval,
  });
}

export function useDeliveries(place: WebhookPlace, id: string) {
  const { webhooks } = useHub();
  const cache = useQueryClient();
  return useQuery({
    queryKey: [...keyOf(place), id],
    queryFn: async () => {
      const deliveries = await webhooks.deliveries(place, id);
      // What failed or arrived is told of the webhook, too.
      void cache.invalidateQueries({ queryKey: keyOf(place), exact: true });
      return deliveries;
    },
    refetchInterval: ({ state }) => (state.data?.results.some(isDue) ? watchingInterval : followingInterval),
  });
}

export function useCreateWebhook(place: WebhookPlace) {
  const { webhooks } = useHub();
  return useWebhookChange(place, (request: PutWebhookRequest) => webhooks.create(place, request));
}

export function useUpdateWebhook(place: WebhookPlace, id: string) {
  const { webhooks } = useHub();
  return useWebhookChange(place, (changes: UpdateWebhookRequest) => webhooks.update(place, id, changes));
}

export function useRemoveWebhook(place: WebhookPlace, id: string) {
  const { webhooks } = useHub();
  return useWebhookChange(place, () => webhooks.remove(place, id));
}

export function useTestWebhook(place: WebhookPlace, id: string) {
  const { webhooks } = useHub();
  return useWebhookChange(place, () => webhooks.test(place, id));
}

export function useRedeliver(place: WebhookPlace, id: string) {
  const { webhooks } = useHub();
  return useWebhookChange(place, (delivery: string) => webhooks.redeliver(place, id, delivery));
}

function useWebhookChange<T, R>(place: WebhookPlace, change: (variables: T) => Promise<R>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => cache.invalidateQueries({ queryKey: keyOf(place) }),
  });
}

/** A later try may be hours away. */
function isDue({ next_at: next }: WebhookDelivery): boolean {
  return next !== null && Date.parse(next) < Date.now() + followingInterval;
}

/** A namespace's own are not the beginning of its repositories'. */
function keyOf({ namespace, name }: WebhookPlace): readonly (string | null)[] {
  return ['webhooks', namespace, name ?? null];
}
