import { useCallback, useEffect, useRef, useState } from 'react';
import { ChatSession } from './chat-session.js';
import { keepConversation, listConversations } from './conversations.js';
import { type ChatSettings, newTurnId, SETTINGS_DEFAULT } from './turn.js';

const TITLE_LENGTH_MAX = 80;

interface ChatSessionsOptions {
  readonly models: readonly string[];
  readonly accountId: string;
  /** The conversation named in the address. */
  readonly conversationId: string | undefined;
  readonly onConversation: (id: string | undefined) => void;
}

/** One session for each model that is compared, all with the same settings. A single one is kept as a conversation. */
export function useChatSessions({ models, accountId, conversationId, onConversation }: ChatSessionsOptions) {
  const [settings, setSettings] = useState<ChatSettings>(SETTINGS_DEFAULT);
  const id = useRef(conversationId ?? newTurnId());
  const keep = useCallback(
    (session: ChatSession): void => {
      const { turns } = session.state();
      const first = turns.find((turn) => turn.kind === 'user');
      const title = first?.text.slice(0, TITLE_LENGTH_MAX) ?? '';
      const { model, settings: used } = session;
      void keepConversation({ id: id.current, accountId, title, updatedAt: Date.now(), model, settings: used, turns }).catch(
        () => undefined,
      );
      onConversation(id.current);
    },
    [accountId, onConversation],
  );
  const [sessions, setSessions] = useState<readonly ChatSession[]>(() =>
    models.map((model, index) => create(model, index, keep)),
  );
  if (sessions.length !== models.length) {
    setSessions(models.map((model, index) => sessions[index] ?? create(model, index, keep)));
  }
  useEffect(() => {
    sessions.forEach((session, index) => {
      session.model = models[index] ?? session.model;
      session.settings = settings;
    });
  }, [sessions, models, settings]);
  useEffect(() => () => sessions.forEach((session) => session.stop()), [sessions]);

  const restore = useCallback(
    async (wanted: string): Promise<string | undefined> => {
      const found = (await listConversations(accountId)).find((conversation) => conversation.id === wanted);
      if (found === undefined) return undefined;
      id.current = found.id;
      setSettings({ ...SETTINGS_DEFAULT, ...found.settings });
      setSessions([new ChatSession(found.model, found.settings, found.turns, keep)]);
      return found.model;
    },
    [accountId, keep],
  );
  const startAnew = useCallback((): void => {
    id.current = newTurnId();
    onConversation(undefined);
    setSessions((before) => before.map((session, index) => create(session.model, index, keep)));
  }, [keep, onConversation]);
  const changeSettings = useCallback((next: Partial<ChatSettings>) => setSettings((before) => ({ ...before, ...next })), []);
  return { sessions, settings, changeSettings, restore, startAnew, currentId: id };
}

/** Only the first column is a conversation that is kept. */
function create(model: string, index: number, keep: (session: ChatSession) => void): ChatSession {
  return new ChatSession(model, SETTINGS_DEFAULT, [], index === 0 ? keep : () => undefined);
}
