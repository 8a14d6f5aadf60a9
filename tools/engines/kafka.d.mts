export interface KafkaBroker {
  readonly id: number;
  readonly pid: number;
  readonly port: number;
}

export interface KafkaCluster {
  /** `host:port,host:port` for clients. */
  readonly bootstrap: string;
  /** The same for clients with TLS and a password, where they were asked for. */
  readonly securedBootstrap: string | undefined;
  readonly brokers: readonly KafkaBroker[];
  /** kill -9 of one broker. */
  kill(id: number): Promise<void>;
  /** Starts a killed broker again; resolves with its pid once it accepts connections. */
  restart(id: number): Promise<number>;
  stop(): Promise<void>;
}

/** For a listener with TLS and SASL/PLAIN. */
export interface SecuredListener {
  readonly username: string;
  readonly password: string;
  /** PEM: an unencrypted private key and its certificate. */
  readonly keyAndCertificateFile: string;
}

type Log = (line: string) => void;

export function installKafka(options?: { log?: Log }): Promise<{ java: string; jars: string; archive: string }>;
export function startKafka(options: {
  dataDir: string;
  brokers?: number;
  secured?: SecuredListener;
  log?: Log;
}): Promise<KafkaCluster>;
export function stopKafka(options: { dataDir: string }): Promise<void>;
export function kafkaStatus(options: { dataDir: string }): Promise<{ brokers: KafkaBroker[] }>;
