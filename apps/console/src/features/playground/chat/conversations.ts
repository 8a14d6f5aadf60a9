import type { Conversation } from './turn.js';

const DATABASE = 'ecolink-playground';
const STORE = 'conversations';
const VERSION = 1;
/** Older ones go when a new one is kept. */
const KEPT_MAX = 200;

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = () =>
    request.result.createObjectStore(STORE, { keyPath: 'id' }).createIndex('account', ['accountId', 'updatedAt']);
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps no conversations'));
  });
}

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const database = await open();
  try {
    return await work(database.transaction(STORE, mode).objectStore(STORE));
  } finally {
    database.close();
  }
}

/** The account's conversations in this browser, newest first. Nothing of them is ever sent but the turns of a call. */
export async function listConversations(accountId: string): Promise<Conversation[]> {
  const range = IDBKeyRange.bound([accountId, 0], [accountId, Infinity]);
  const found = await inStore('readonly', (store) => settled(store.index('account').getAll(range) as IDBRequest<Conversation[]>));
  return found.reverse();
}

export async function keepConversation(conversation: Conversation): Promise<void> {
  await inStore('readwrite', async (store) => {
    await settled(store.put(conversation));
    const range = IDBKeyRange.bound([conversation.accountId, 0], [conversation.accountId, Infinity]);
    const keys = await settled(store.index('account').getAllKeys(range));
    for (const key of keys.slice(0, Math.max(0, keys.length - KEPT_MAX))) await settled(store.delete(key));
  });
}

export async function deleteConversation(id: string): Promise<void> {
  await inStore('readwrite', (store) => settled(store.delete(id)));
}
