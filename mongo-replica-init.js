// Makes this mongod the one member of the replica set rs0, if it is in no set yet, and fails unless
// it is the primary. Run again it only asks: docker-compose.yml has it as the health check.
try {
  rs.status();
} catch (e) {
  if (e.codeName !== "NotYetInitialized") throw e;
  // The name by which the other services reach it.
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
for (let i = 0; i < 100 && !db.hello().isWritablePrimary; i++) sleep(100);
if (!db.hello().isWritablePrimary) {
  print("not the primary");
  quit(1);
}
