import { MemoryContentStore } from './memory-content-store.ts';
import { contentStoreContract } from './content-store.contract.ts';

contentStoreContract('MemoryContentStore', async () => ({
  store: new MemoryContentStore(),
  close: async () => undefined,
}));
