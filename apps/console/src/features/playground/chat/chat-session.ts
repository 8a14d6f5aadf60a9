import { toProblem } from '../../../api/problem.js';
import { billedCall } from '../call-cost.js';
import { chatRequest } from './chat-request.js';
import { Paced } from './paced.js';
import { type ChatEnd, streamChat } from './stream-chat.js';
import { type AnswerTurn, type ChatSettings, newTurnId, NO_FIGURES, SETTINGS_DEFAULT, type Turn, type UserTurn } from './turn.js';

export interface ChatState {
  readonly turns: readonly Turn[];
  readonly busy: boolean;
}

/** One conversation with one model: what was said, and the answer that is being streamed. */
export class ChatSession {
  private current: ChatState;
  private readonly listeners = new Set<() => void>();
  private running: { readonly abort: AbortController; answer: AnswerTurn } | undefined;

  constructor(
    public model: string,
    public settings: ChatSettings = SETTINGS_DEFAULT,
    turns: readonly Turn[] = [],
    private readonly onChanged: (session: ChatSession) => void = () => undefined,
  ) {
    this.current = { turns: turns.map(finished), busy: false };
  }

  readonly state = (): ChatState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Adds a turn of the person and streams the answer. */
  send(text: string, images: readonly string[] = []): void {
    if (this.current.busy) return;
    const turn: UserTurn = { kind: 'user', id: newTurnId(), text, images };
    void this.answer([...this.current.turns, turn]);
  }

  /** Ends the answer: the connection is closed at once, what has arrived stays. */
  stop(): void {
    this.running?.abort.abort();
  }

  /** Asks again for the answer with this id; what came after it goes. */
  regenerate(id: string): void {
    const index = this.current.turns.findIndex((turn) => turn.id === id);
    if (index > 0 && !this.current.busy) void this.answer(this.current.turns.slice(0, index));
  }

  /** Says a turn of the person differently; the conversation goes on from there. */
  edit(id: string, text: string): void {
    const index = this.current.turns.findIndex((turn) => turn.id === id);
    const before = this.current.turns[index];
    if (before?.kind !== 'user' || this.current.busy) return;
    void this.answer([...this.current.turns.slice(0, index), { ...before, id: newTurnId(), text }]);
  }

  private async answer(turns: readonly Turn[]): Promise<void> {
    const answer: AnswerTurn = {
      kind: 'answer',
      id: newTurnId(),
      model: this.model,
      text: '',
      reasoning: '',
      toolCalls: [],
      state: 'waiting',
      problem: null,
      figures: NO_FIGURES,
    };
    const running = { abort: new AbortController(), answer };
    this.running = running;
    const request = chatRequest(this.model, this.settings, turns);
    const paced = new Paced(() => this.set({ turns: [...turns, running.answer], busy: this.running === running }));
    const change = (next: Partial<AnswerTurn>): void => {
      running.answer = { ...running.answer, ...next };
    };
    paced.flush();
    const startedAt = performance.now();
    let firstAt: number | undefined;
    const end = await streamChat(request, running.abort.signal, {
      onHead: (head) => change({ figures: { ...running.answer.figures, ...head } }),
      onText: (text, isReasoning) => {
        if (firstAt === undefined) {
          firstAt = performance.now();
          change({ state: 'streaming', figures: { ...running.answer.figures, ttftMs: firstAt - startedAt } });
        }
        change(isReasoning ? { reasoning: running.answer.reasoning + text } : { text: running.answer.text + text });
        paced.request();
      },
      onToolCalls: (toolCalls) => {
        firstAt ??= performance.now();
        change({ state: 'streaming', toolCalls });
        paced.request();
      },
    });
    change(ended(running.answer, end, performance.now() - startedAt));
    this.running = undefined;
    paced.flush();
    this.onChanged(this);
    await this.addCost(running.answer);
  }

  /** The ledger's figures replace what was counted here, once they are there. */
  private async addCost(answer: AnswerTurn): Promise<void> {
    const { requestId } = answer.figures;
    if (requestId === null || answer.state === 'refused') return;
    const call = await billedCall(requestId);
    if (call === undefined) return;
    const figures = {
      ...answer.figures,
      cost: call.cost.toString(),
      estimated: call.estimated,
      region: call.region ?? answer.figures.region,
      inputTokens: call.inputTokens,
      outputTokens: call.outputTokens,
    };
    const turns = this.current.turns.map((turn) =>
      turn.id === answer.id && turn.kind === 'answer' ? { ...turn, figures } : turn,
    );
    this.set({ ...this.current, turns });
    this.onChanged(this);
  }

  private set(next: ChatState): void {
    this.current = next;
    for (const listener of [...this.listeners]) listener();
  }
}

function ended(answer: AnswerTurn, { kind, problem, usage }: ChatEnd, durationMs: number): Partial<AnswerTurn> {
  const figures = { ...answer.figures, durationMs, inputTokens: usage?.input ?? null, outputTokens: usage?.output ?? null };
  if (kind !== 'failed') return { state: kind, figures };
  const { status, code, message, requestId, retryAfterSeconds } = problem ?? toProblem(undefined);
  const isCut = answer.text !== '' || answer.reasoning !== '';
  return {
    state: isCut ? 'cut' : 'refused',
    problem: { status, code, message, requestId: requestId ?? answer.figures.requestId, retryAfterSeconds },
    figures: { ...figures, requestId: figures.requestId ?? requestId },
  };
}

/** An answer that was being streamed when the page was left has been stopped by that. */
function finished(turn: Turn): Turn {
  if (turn.kind === 'user' || (turn.state !== 'streaming' && turn.state !== 'waiting')) return turn;
  return { ...turn, state: 'stopped' };
}
