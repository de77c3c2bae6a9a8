BEGIN TRANSACTION;
CREATE TABLE kolay_invoice_boots (
	boot TEXT NOT NULL, 
	zero FLOAT NOT NULL, 
	PRIMARY KEY (boot)
);
INSERT INTO "kolay_invoice_boots" VALUES('00000000-0000-4000-8000-000000000001/time:[4026531834]',1.79594186483634853362e+09);
CREATE TABLE kolay_invoice_journal (
	name VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "kolay_invoice_journal" VALUES('schema_version','1');
CREATE TABLE kolay_invoice_operations (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	provider VARCHAR(16) NOT NULL, 
	account TEXT NOT NULL, 
	operation VARCHAR(32) NOT NULL, 
	given TEXT NOT NULL, 
	frozen TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	owner VARCHAR(64), 
	claim INTEGER DEFAULT 0 NOT NULL, 
	tried_in INTEGER, 
	since FLOAT, 
	due_at FLOAT, 
	attempts TEXT DEFAULT '[]' NOT NULL, 
	result TEXT, 
	refusal TEXT, 
	note TEXT, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);
INSERT INTO "kolay_invoice_operations" VALUES(1,'kolaybi:loopback:resend:document_id=18','kolaybi:loopback:document_id=18','kolaybi','loopback','resend','{"document_id":18}','{"document_id":18}','done',NULL,1,1,NULL,NULL,'[{"started_at":1795946200.065621,"ended_at":1795946200.0983512,"left":true,"outcome":"done"}]','{"document_id":18,"uuid":"f46d5a8d-7726-4b37-bba4-973c7ab50a5b","status":"sent_to_receiver"}',NULL,NULL);
INSERT INTO "kolay_invoice_operations" VALUES(2,'kolaybi:loopback:create_e_document:document_id=2','kolaybi:loopback:document_id=2','kolaybi','loopback','create_e_document','{"document_id":2}','{"document_id":2}','refused',NULL,1,1,NULL,NULL,'[{"started_at":1795946200.065621,"ended_at":1795946200.1367633,"left":true,"outcome":"InvalidRequestError"}]',NULL,'{"error":"InvalidRequestError","status":400,"code":10400,"detail":"Alıcının e-posta adresi zorunludur. Bad Request: receiver_email"}',NULL);
INSERT INTO "kolay_invoice_operations" VALUES(3,'kolaybi:loopback:create_e_document:document_id=1','kolaybi:loopback:document_id=1','kolaybi','loopback','create_e_document','{"document_id":1}','{"document_id":1}','unknown',NULL,1,2,1.79594620023471641546e+09,NULL,'[{"started_at":1795946200.2166405,"ended_at":1795946200.2347195,"left":true,"outcome":"OutcomeUnknownError"}]',NULL,NULL,'kolaybi.create_e_document: it may have happened: the connection broke before a complete answer came (ServerDisconnectedError). Look at the document with list_invoices(document_id=...) after a few minutes, before sending it again.');
INSERT INTO "kolay_invoice_operations" VALUES(4,'kolaybi:loopback:proceed:document_id=20','kolaybi:loopback:document_id=20','kolaybi','loopback','proceed','{"document_id":20,"vault_id":1}','{"document_id":20,"vault_id":1}','needs_person',NULL,1,2,1.79594620025360393522e+09,NULL,'[{"started_at":1795946200.2166405,"ended_at":1795946200.253607,"left":true,"outcome":"OutcomeUnknownError"}]',NULL,NULL,'kolaybi.proceed: it may have happened: the connection broke before a complete answer came (ServerDisconnectedError). No call reads a collection back: look at the movements of the vault in KolayBi before collecting again.');
INSERT INTO "kolay_invoice_operations" VALUES(5,'propars:loopback:send_invoice:sale_code=abc123','propars:loopback:sale_code=abc123','propars','loopback','send_invoice','{"sale_code":"abc123"}','{"sale_code":"abc123","invoice_uuid":"af659759-5ea6-4a76-aa70-b003c8f680d6"}','planned',NULL,1,3,NULL,NULL,'[{"started_at":1795946200.3563266,"ended_at":1795946200.3629124,"left":false,"outcome":"NotSentError"}]',NULL,NULL,'propars.send_invoice: not sent: no connection to 127.0.0.1:9 (Connection refused). No byte of the request left, so calling again is safe.');
INSERT INTO "kolay_invoice_operations" VALUES(6,'propars:loopback:send_invoice:sale_id=1002','propars:loopback:sale_id=1002','propars','loopback','send_invoice','{"sale_id":1002}','{"sale_id":1002,"invoice_uuid":"e720c842-9b20-4ae2-a9da-e3ac03b23ba4"}','sending','ee5c940dfd3843c3ada5591e58f29a8e',1,1,1.79594620280430674556e+09,NULL,'[]',NULL,NULL,NULL);
CREATE TABLE kolay_invoice_owners (
	owner VARCHAR(64) NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	started TEXT NOT NULL, 
	lease_until FLOAT NOT NULL, 
	PRIMARY KEY (owner)
);
INSERT INTO "kolay_invoice_owners" VALUES('ee5c940dfd3843c3ada5591e58f29a8e','old-machine/00000000-0000-4000-8000-000000000001/pid:[4026531836]',19430,'433558',1.79594626261035275466e+09);
CREATE TABLE kolay_invoice_run_operations (
	run_id INTEGER NOT NULL, 
	operation_id INTEGER NOT NULL, 
	PRIMARY KEY (run_id, operation_id), 
	FOREIGN KEY(run_id) REFERENCES kolay_invoice_runs (id) ON DELETE CASCADE, 
	FOREIGN KEY(operation_id) REFERENCES kolay_invoice_operations (id)
);
INSERT INTO "kolay_invoice_run_operations" VALUES(1,6);
CREATE TABLE kolay_invoice_runs (
	id INTEGER NOT NULL, 
	owner VARCHAR(64) NOT NULL, 
	started_at FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "kolay_invoice_runs" VALUES(1,'ee5c940dfd3843c3ada5591e58f29a8e',1.79594620265936350824e+09);
CREATE INDEX kolay_invoice_operations_by_state ON kolay_invoice_operations (state);
CREATE UNIQUE INDEX kolay_invoice_one_at_a_time ON kolay_invoice_operations (subject) WHERE state IN ('claimed', 'sending', 'unknown', 'reconciling', 'needs_person');
COMMIT;
