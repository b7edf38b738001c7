EC-LAB SETTING FILE

Number of linked techniques : 1

Filename : ec-lab.mps

Ewe ctrl range : min = 0.00 V, max = 5.00 V
Safety Limits :
	Do not start on E overload
Comments : ec-lab
Battery capacity : 5000.000 mA.h
Cycle Definition : Charge/Discharge alternance

Technique : 1
Modulo Bat
Ns                  0                   1                   
ctrl_type           CC                  CV                  
Apply I/C           I                   I                   
current/potential   current             current             
ctrl1_val           2.000               2.500               
ctrl1_val_unit      A                   V                   
ctrl1_val_vs        <None>              Ref                 
ctrl2_val           0.000               0.000               
ctrl2_val_unit                                              
ctrl2_val_vs                                                
ctrl3_val           0.000               0.000               
ctrl3_val_unit                                              
ctrl3_val_vs                                                
N                   0.00                0.00                
charge/discharge    Discharge           Discharge           
charge/discharge_1  Charge              Charge              
Apply I/C_1         I                   I                   
N1                  0.00                0.00                
ctrl4_val           0.000               0.000               
ctrl4_val_unit                                              
ctrl5_val           0.000               0.000               
ctrl5_val_unit                                              
ctrl_tM             0                   0                   
ctrl_seq            0                   0                   
ctrl_repeat         0                   0                   
ctrl_trigger        Falling Edge        Falling Edge        
ctrl_TO_t           0.000               0.000               
ctrl_TO_t_unit      d                   d                   
ctrl_Nd             6                   6                   
ctrl_Na             2                   2                   
ctrl_corr           0                   0                   
lim_nb              1                   1                   
lim1_type           Ewe                 |I|                 
lim1_comp           <                   <                   
lim1_Q              Q limit             I limit             
lim1_value          2.500               0.100               
lim1_value_unit     V                   A                   
lim1_action         Next sequence       Stop                
lim1_seq            1                   9999                
rec_nb              1                   1                   
rec1_type           Time                Time                
rec1_value          1.000               1.000               
rec1_value_unit     mn                  mn                  
E range min (V)     0.000               0.000               
E range max (V)     5.000               5.000               
I Range             10 A                10 A                
I Range min         Unset               Unset               
I Range max         Unset               Unset               
I Range init        Unset               Unset               
auto rest           1                   1                   
Bandwidth           5                   5                   
