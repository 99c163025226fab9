"""The simulated devices, as data. What is known of the real ones stands in docs/simulator.md."""

from omsmodem.modem.simulator.profile import Chatter, Profile

GENERIC = Profile(
    "generic",
    "Simulated",
    "omsmodem SIM1",
    "1.0",
    sim_start_s=0.0,
    lte=True,
    answers={"+CCID": ("+CCID: {iccid}",), "+CCID?": ("+CCID: {iccid}",)},
)

HUAWEI_E173 = Profile(
    "huawei-e173",
    "huawei",
    "E173",
    "11.126.85.00.209",
    imei="353142033840706",
    storages=("ME", "SM", "SR"),
    capacity=23,
    first_index=0,
    empty_slot_code=321,
    memory_full='^SMMEMFULL: "{storage}"',
    deaf_while_busy=True,
    chatter_end="\r\r\n",
    packed_ussd=True,
    chatter=(
        Chatter("^RSSI:18", 4.0, silenced_by="^CURC=0"),
        Chatter("^DSFLOWRPT:0000000A,00000000,00000000,0000000000000000,0000000000000000", 9.0, silenced_by="^CURC=0"),
    ),
    boot_s=8.0,
    not_ready_code=302,
    boot_lines=((0.0, "^BOOT:20123456,0,0,0,75"), (0.4, "^SIMST:1"), (0.6, "^SRVST:2"), (0.8, "^MODE:5,4")),
    lacking=frozenset({"+CPINR", "+CEREG"}),
    answers={
        "^CURC=": (),
        "^PORTSEL=": (),
        "^CPIN?": ("^CPIN: {state},,{puk_tries},{pin_tries},10,3",),
        "^ICCID?": ("^ICCID: {iccid}",),
        "^SYSINFO": ("^SYSINFO:2,3,0,5,1,,4",),
        "^GETPORTMODE": ("^GETPORTMODE:TYPE:WCDMA,MODEM:0,PCUI:2,DIAG:1",),
        "^CVOICE=": (),
        "^USSDMODE=": (),
        "^U2DIAG?": ("^U2DIAG:0",),
        "^CARDLOCK?": ("^CARDLOCK: 2,10,0",),
        "^HWVER": ('^HWVER:"CD2E173M"',),
    },
)

SIM800 = Profile(
    "sim800",
    "SIMCOM_Ltd",
    "SIMCOM_SIM800L",
    "Revision:1418B04SIM800L24",
    imei="865456051234563",
    report_modes=frozenset({"0", "1"}),
    more_messages="",
    storages=("SM", "ME"),
    reenumerates=False,
    boot_s=3.0,
    sms_ready_s=4.0,
    boot_lines=(
        (0.0, "RDY"),
        (0.1, "+CFUN: 1"),
        (0.5, "+CPIN: READY"),
        (3.0, "Call Ready"),
        (4.0, "SMS Ready"),
        (4.2, '*PSUTTZ: 2024,3,1,9,30,0,"+0",0'),
        (4.2, "DST: 0"),
    ),
    memory_full="+SMS FULL",
    lacking=frozenset({"+CLAC", "+CEREG", "+CPINR"}),
    answers={"+CCID": ("{iccid}",), "+SPIC": ("+SPIC: {pin_tries},{puk_tries},3,10",), "+CSCLK=": ()},
)

SIM7600 = Profile(
    "sim7600",
    "SIMCOM INCORPORATED",
    "SIMCOM_SIM7600E-H",
    "+CGMR: LE20B03SIM7600M22",
    imei="861477041234566",
    storages=("SM", "ME", "SR", "MT"),
    indication_modes=frozenset({"0", "1", "2"}),
    first_index=0,
    unnumbered_codes=frozenset({500}),
    lte=True,
    boot_s=10.0,
    sms_ready_s=5.0,
    boot_lines=((0.0, "RDY"), (0.3, "+CPIN: READY"), (4.0, "SMS DONE"), (5.0, "PB DONE")),
    answers={
        "+CICCID": ("+ICCID: {iccid}",),
        "+SPIC": ("+SPIC: {pin_tries},{puk_tries},3,10",),
        "+CNMP=": (),
        "+CNMP?": ("+CNMP: 2",),
        "+CPSI?": ("+CPSI: LTE,Online,001-01,0x1A2B,27447553,300,EUTRAN-BAND3,1300,5,5,-94,-860,-550,16",),
    },
)

QUECTEL_EC25 = Profile(
    "quectel-ec25",
    "Quectel",
    "EC25",
    "EC25EUGAR06A07M4G",
    imei="866758041234564",
    # Claims to route reports and refuses it, as many Qualcomm based devices do.
    report_modes=frozenset({"0", "2"}),
    report_modes_listed=frozenset({"0", "1", "2"}),
    storages=("SM", "ME", "MT"),
    capacity=23,
    first_index=0,
    lte=True,
    boot_s=10.0,
    sms_ready_s=6.0,
    boot_lines=(
        (0.0, "RDY"),
        (0.1, "+CFUN: 1"),
        (0.6, "+CPIN: READY"),
        (1.0, "+QUSIM: 1"),
        (6.0, "+QIND: SMS DONE"),
        (7.0, "+QIND: PB DONE"),
    ),
    memory_full='+QIND: SMS FULL,"{storage}"',
    answers={
        "+QCCID": ("+QCCID: {iccid}",),
        '+QPINC="SC"': ('+QPINC: "SC",{pin_tries},{puk_tries}',),
        "+QINISTAT": ("+QINISTAT: 7",),
        '+QURCCFG="urcport"': ('+QURCCFG: "urcport","usbat"',),
        '+QCFG="ims"': ('+QCFG: "ims",0,0',),
        "+QNWINFO": ('+QNWINFO: "FDD LTE","00101","LTE BAND 3",1300',),
    },
)

ZTE_MF = Profile(
    "zte-mf",
    "ZTE CORPORATION",
    "MF190",
    "BD_MF190V1.0.0B04",
    imei="862343001234567",
    storages=("SM", "ME", "SR"),
    capacity=25,
    chatter=(Chatter("+ZUSIMR:2", 2.0, silenced_by="+CPMS?"),),
    boot_s=8.0,
    boot_lines=((0.0, '+ZDONR: "Simulated",001,01,"CS_PS","ROAM_OFF"'), (0.5, '+ZPASR: "HSDPA"'), (1.0, "+ZPSTM: 0")),
    lacking=frozenset({"+CEREG"}),
    answers={
        "+ZPAS?": ('+ZPAS: "HSDPA","CS_PS"',),
        "+ZPINPUK=?": ("+ZPINPUK: {pin_tries},{puk_tries}",),
        "+ZOPRT=": (),
        "+ZCDRUN=": ("Close autorun state result(0:FAIL 1:SUCCESS):1",),
        "+ZGETICCID": ("ICCID: {iccid}",),
    },
)

TELIT = Profile(
    "telit",
    "Telit",
    "LE910C4-EU",
    "25.20.664",
    imei="353640081234565",
    storages=("SM", "ME", "SR"),
    report_modes=frozenset({"0", "1", "2"}),
    prompt_survives_error=True,
    lte=True,
    boot_s=8.0,
    sms_ready_s=4.0,
    boot_lines=(),
    answers={"#CCID": ("#CCID: {iccid}",), "#PCT": ("#PCT: {pin_tries}",), "#PORTCFG?": ("#PORTCFG: 0,0",)},
)

UBLOX = Profile(
    "ublox",
    "u-blox",
    "SARA-U201",
    "23.60",
    imei="357520071234567",
    storages=("MT", "SM", "ME", "SR"),
    not_ready_code=500,
    boot_s=15.0,
    sms_ready_s=5.0,
    boot_lines=((1.0, "+PACSP0"),),
    lacking=frozenset({"+CEREG"}),
    answers={
        "+CCID": ("+CCID: {iccid}",),
        "+CCID?": ("+CCID: {iccid}",),
        "+UPINCNT": ("+UPINCNT: {pin_tries},3,{puk_tries},10",),
    },
)

PROFILES = {
    profile.name: profile for profile in (GENERIC, HUAWEI_E173, SIM800, SIM7600, QUECTEL_EC25, ZTE_MF, TELIT, UBLOX)
}
