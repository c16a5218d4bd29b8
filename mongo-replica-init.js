// Fails unless this mongod is the primary of its replica set. A mongod without a set becomes the only
// member of the new set rs0. docker-compose.yml runs this as the health check.
try {
  rs.status();
} catch (e) {
  if (e.codeName !== "NotYetInitialized") throw e;
  // The other services reach it by this name.
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
for (let i = 0; i < 100 && !db.hello().isWritablePrimary; i++) sleep(100);
if (!db.hello().isWritablePrimary) {
  print("not the primary");
  quit(1);
}
